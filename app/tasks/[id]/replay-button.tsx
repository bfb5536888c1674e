"use client";

import { Button, Group, Modal, Text, Textarea } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRepeat } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { sentenceOf } from "@/lib/api/request";
import { replayTask } from "@/lib/api/tasks";
import type { TaskDetail } from "@/lib/shape/task";

export function ReplayButton({ task }: { task: TaskDetail }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" leftSection={<IconRepeat size={15} aria-hidden />} onClick={open}>
        Run again
      </Button>
      <Modal opened={opened} onClose={close} title="Run again" size="lg">
        <ReplayForm task={task} onClose={close} />
      </Modal>
    </>
  );
}

function ReplayForm({ task, onClose }: { task: TaskDetail; onClose: () => void }) {
  const router = useRouter();
  const [prompt, setPrompt] = useState(task.prompt);
  const replay = useMutation({
    mutationFn: () => replayTask(task.task_id, prompt === task.prompt ? {} : { prompt }),
    onSuccess: ({ task_id }) => router.push(`/tasks/${task_id}`),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        replay.mutate();
      }}
    >
      <Text size="sm" c="dimmed" mb="sm">
        A new task with the same request; it is routed anew.
      </Text>
      <Textarea
        label="Prompt"
        data-autofocus
        autosize
        minRows={4}
        maxRows={16}
        value={prompt}
        onChange={(event) => setPrompt(event.currentTarget.value)}
        error={replay.error ? sentenceOf(replay.error) : null}
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button type="submit" loading={replay.isPending || replay.isSuccess}>
          Run again
        </Button>
      </Group>
    </form>
  );
}
