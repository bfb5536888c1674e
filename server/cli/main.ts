import "server-only";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { messageOf } from "@/lib/errors";
import { addImportCommands } from "./import-commands";
import { addKeepCommands } from "./keep-commands";
import { watchOutput } from "./leave";
import { addOperateCommands } from "./operate-commands";
import { CommandFailed } from "./output";
import { addPoolCommands } from "./pool-commands";
import { addStartCommand } from "./start";
import { addTaskCommands } from "./task-commands";
import { keepFilesPrivate } from "./umask";

const USAGE = 2;

/** The command line. Sets the process's exit code; everything that went wrong is on stderr. */
export async function main(argv: string[]): Promise<void> {
  keepFilesPrivate();
  watchOutput();
  const program = new Command("poolwise")
    .description("Runs tasks on pools of workers, routes each to a model tier, and records what happened.")
    .configureHelp({ sortSubcommands: false })
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`poolwise: ${text.replace(/^error: /, "")}`) });
  addStartCommand(program);
  addPoolCommands(program);
  addTaskCommands(program);
  addOperateCommands(program);
  addKeepCommands(program);
  addImportCommands(program);
  inheritExitOverride(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Subcommands are made before their parent's settings reach them. */
function inheritExitOverride(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command).exitOverride();
    inheritExitOverride(child);
  }
}

function report(error: unknown): number {
  // Commander has printed its own message, and 'help' is no error.
  if (error instanceof CommanderError && !(error instanceof InvalidArgumentError))
    return error.exitCode === 0 ? 0 : USAGE;
  process.stderr.write(`poolwise: ${messageOf(error)}\n`);
  if (error instanceof InvalidArgumentError) return USAGE;
  return error instanceof CommandFailed ? error.exitCode : 1;
}
