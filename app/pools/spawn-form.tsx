"use client";

import { Alert, Button, Group, NativeSelect, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { SubmitEvent } from "react";
import { spawnPool } from "@/lib/api/pools";
import { sentenceOf } from "@/lib/api/request";
import { problemOf } from "@/lib/errors";
import { poolSpawnSchema, type PoolSpawn } from "@/lib/shape/pool";
import { useState } from "react";
import type { FieldError } from "@/lib/shape/problem";
import { usePoolMutation } from "./use-pool-mutation";

export function SpawnForm({ onDone }: { onDone: () => void }) {
  const [invalid, setInvalid] = useState<FieldError[]>([]);
  const spawn = usePoolMutation((pool: PoolSpawn) => spawnPool(pool), onDone);
  const errors = [...invalid, ...(problemOf(spawn.error)?.errors ?? [])];
  const errorOf = (field: string) => errors.find(({ path }) => path === field)?.message;

  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const parsed = poolSpawnSchema.safeParse(readPool(new FormData(event.currentTarget)));
    setInvalid(parsed.error?.issues.map(({ path, message }) => ({ path: path.join("."), message })) ?? []);
    if (parsed.success) spawn.mutate(parsed.data);
  };

  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack gap="sm">
        <TextInput
          name="name"
          label="Name"
          data-autofocus
          required
          autoComplete="off"
          error={errorOf("name")}
        />
        <SimpleGrid cols={2} spacing="sm">
          <TextInput
            name="min_workers"
            label="Min workers"
            inputMode="numeric"
            defaultValue="1"
            error={errorOf("min_workers")}
          />
          <TextInput
            name="max_workers"
            label="Max workers"
            inputMode="numeric"
            defaultValue="2"
            error={errorOf("max_workers")}
          />
        </SimpleGrid>
        <NativeSelect
          name="worker_type"
          label="Workers"
          description="Auto takes the best that is available for each task."
          data={["auto", "command", "model"]}
          error={errorOf("worker_type")}
        />
        {spawn.error && (problemOf(spawn.error)?.errors.length ?? 0) === 0 ? (
          <Alert color="red" role="alert">
            {sentenceOf(spawn.error)}
          </Alert>
        ) : null}
        <Group justify="flex-end">
          <Button type="submit" loading={spawn.isPending}>
            Start pool
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function readPool(form: FormData) {
  return {
    name: form.get("name"),
    min_workers: Number(form.get("min_workers")),
    max_workers: Number(form.get("max_workers")),
    worker_type: form.get("worker_type"),
  };
}
