import { PageHeader } from "@/lib/ui/page-header";
import { TextLink } from "@/lib/ui/text-link";

export default function NotFound() {
  return (
    <>
      <PageHeader title="Page not found" description="There is nothing at this address." />
      <TextLink href="/">Go to the dashboard</TextLink>
    </>
  );
}
