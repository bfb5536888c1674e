import "server-only";
import type { Answer, SessionLine } from "./claude-code-line";
import type { Usage } from "./prices";

/** One prompt and everything that was done for it. */
export type Prompt = {
  /** Where its first line is, for people. */
  reference: string;
  session: string;
  startedAt: number;
  endedAt: number;
  folder: string | null;
  text: string | null;
  version: string | null;
  answers: Map<string, Answer>;
  /** Of the conversation itself, not of subagents. */
  lastAnswer: Answer | null;
  interrupted: boolean;
};

type Loose = { reference: string; session: string; at: number; answer: Answer };

/**
 * Puts lines together to prompts, across all files: a session that was resumed or copied repeats prompts and
 * answers of another file, and each counts once, where it was seen first.
 */
export class Prompts {
  private readonly all: Prompt[] = [];
  private readonly byPromptId = new Map<string, Prompt>();
  private readonly owners = new Map<string, Prompt>();
  private readonly subagents: Loose[] = [];
  private current: Prompt | null = null;
  /** Lines with an answer that was there already. */
  repeatedAnswers = 0;

  /** The lines that follow are of another file. */
  startFile(): void {
    this.current = null;
  }

  add(line: SessionLine, reference: string): void {
    if (line.kind === "prompt") this.startPrompt(line, reference);
    else if (line.kind === "answer") this.addAnswer(line, reference);
    else if (line.kind === "activity" && !line.sidechain) this.touch(line.at, line.interrupted);
  }

  /** Every prompt that was answered, with the work of subagents in it. */
  finish(): Prompt[] {
    for (const loose of this.subagents) this.place(loose);
    return this.all.filter((prompt) => prompt.answers.size > 0);
  }

  /** Prompts nobody answered, such as commands to the program itself. */
  get unanswered(): number {
    return this.all.filter((prompt) => prompt.answers.size === 0).length;
  }

  private startPrompt(line: Extract<SessionLine, { kind: "prompt" }>, reference: string): void {
    const known = this.byPromptId.get(line.id);
    if (known) {
      this.current = known;
      return;
    }
    const { id, session, at, folder, text, version } = line;
    this.current = this.create({ reference, session, startedAt: at, endedAt: at, folder, text, version });
    this.byPromptId.set(id, this.current);
  }

  private create(start: Omit<Prompt, "answers" | "lastAnswer" | "interrupted">): Prompt {
    const prompt: Prompt = { ...start, answers: new Map(), lastAnswer: null, interrupted: false };
    this.all.push(prompt);
    return prompt;
  }

  private touch(at: number, interrupted: boolean): void {
    if (!this.current) return;
    this.current.endedAt = Math.max(this.current.endedAt, at);
    if (interrupted) this.current.interrupted = true;
  }

  private addAnswer(line: Extract<SessionLine, { kind: "answer" }>, reference: string): void {
    const { answer, session, at } = line;
    const owner = this.owners.get(answer.key);
    if (owner) {
      this.repeatedAnswers += 1;
      mergeAnswer(owner.answers.get(answer.key), answer);
      if (!line.sidechain) {
        this.current = owner;
        this.touch(at, false);
      }
      return;
    }
    if (line.sidechain) {
      this.subagents.push({ reference, session, at, answer });
      return;
    }
    this.current ??= this.create({
      reference,
      session,
      startedAt: at,
      endedAt: at,
      folder: null,
      text: null,
      version: null,
    });
    this.own(this.current, answer);
    this.current.lastAnswer = answer;
    this.touch(at, false);
  }

  /** A subagent works for the prompt of its session that was the last to start before. */
  private place({ reference, session, at, answer }: Loose): void {
    const known = this.owners.get(answer.key);
    if (known) {
      this.repeatedAnswers += 1;
      mergeAnswer(known.answers.get(answer.key), answer);
      return;
    }
    const earlier = this.inSession(session).filter((prompt) => prompt.startedAt <= at);
    const last = earlier.reduce<Prompt | null>(
      (latest, prompt) => (latest === null || prompt.startedAt >= latest.startedAt ? prompt : latest),
      null,
    );
    const owner =
      last ??
      this.create({
        reference,
        session,
        startedAt: at,
        endedAt: at,
        folder: null,
        text: null,
        version: null,
      });
    if (last === null) this.sessions?.get(session)?.push(owner);
    this.own(owner, answer);
    owner.endedAt = Math.max(owner.endedAt, at);
  }

  private own(prompt: Prompt, answer: Answer): void {
    prompt.answers.set(answer.key, answer);
    this.owners.set(answer.key, prompt);
  }

  private sessions: Map<string, Prompt[]> | null = null;

  private inSession(session: string): Prompt[] {
    if (this.sessions === null) {
      this.sessions = new Map();
      for (const prompt of this.all) {
        const list = this.sessions.get(prompt.session);
        if (list) list.push(prompt);
        else this.sessions.set(prompt.session, [prompt]);
      }
    }
    const list = this.sessions.get(session) ?? [];
    this.sessions.set(session, list);
    return list;
  }
}

/** An answer is written while it grows, so of each number the largest is the final one. */
function mergeAnswer(into: Answer | undefined, from: Answer): void {
  if (!into) return;
  for (const key of Object.keys(into.usage) as (keyof Usage)[]) {
    into.usage[key] = Math.max(into.usage[key], from.usage[key]);
  }
  const known = new Set(into.tools.map(({ id }) => id));
  into.tools.push(...from.tools.filter(({ id }) => !known.has(id)));
  into.stopReason = from.stopReason ?? into.stopReason;
  into.cost = from.cost ?? into.cost;
}
