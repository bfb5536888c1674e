import { PageHeader } from "@/lib/ui/page-header";
import { TextLink } from "@/lib/ui/text-link";

export default function TaskNotFound() {
  return (
    <>
      <PageHeader title="Task not found" description="No task has this id, or it was removed by retention." />
      <TextLink href="/tasks">See all tasks</TextLink>
    </>
  );
}
