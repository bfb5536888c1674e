import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { sentenceOf } from "@/lib/api/request";
import { explainQuery } from "@/lib/api/tasks";
import type { PanelState } from "@/lib/ui/panel";
import { Panel } from "@/lib/ui/panel";
import { DecisionView } from "../decision-view";
import { toSubmission, type SubmissionValues } from "./submission-form";

const TYPING_PAUSE_MS = 350;

type RoutePreviewProps = {
  draft: SubmissionValues;
  /** No model worker is available: a prompt goes nowhere without a recipe, or a type that has one. */
  promptNeedsRecipe: boolean;
};

/** Where the task would go if it were submitted now. */
export function RoutePreview({ draft, promptNeedsRecipe }: RoutePreviewProps) {
  const [settled] = useDebouncedValue(draft, TYPING_PAUSE_MS);
  const { input, errors } = toSubmission({ ...settled, idempotency_key: "" });
  const isBarePrompt = input.recipe === undefined && input.type === undefined;
  const hasWork =
    input.recipe !== undefined || (input.prompt !== undefined && !(promptNeedsRecipe && isBarePrompt));
  const query = useQuery({ ...explainQuery(input), enabled: hasWork && errors.length === 0 });
  const decision = hasWork && !query.error ? query.data : undefined;
  const invitation = promptNeedsRecipe ? "Choose a recipe." : "Choose a recipe or write a prompt.";
  return (
    <Panel
      title="Where this would go"
      slug="route-preview"
      state={hasWork ? previewState(query) : { ...NOTHING_YET, description: invitation }}
    >
      {decision === undefined ? null : <DecisionView decision={decision} />}
    </Panel>
  );
}

const NOTHING_YET = { kind: "empty", title: "Nothing to route yet" } as const;

function previewState(query: { error: unknown; data: unknown; isLoading: boolean }): PanelState {
  if (query.error)
    return { kind: "empty", title: "Not accepted as it is", description: sentenceOf(query.error) };
  if (query.isLoading) return { kind: "loading", label: "Routing" };
  return query.data === undefined ? NOTHING_YET : { kind: "content" };
}
