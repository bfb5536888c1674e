type CappedOutput = {
  push: (chunk: Uint8Array) => void;
  /** Sends the note of what was cut and the kept end; returns the totals. */
  finish: () => { outputBytes: number; truncatedBytes: number };
};

/**
 * Passes on the first half of `limitBytes` as it comes, keeps the latest other half, and sends that at the end:
 * the beginning says what was run, the end says how it went, and the middle of a flood says little.
 */
export function createCappedOutput(limitBytes: number, emit: (chunk: Uint8Array) => void): CappedOutput {
  const headLimit = Math.floor(limitBytes / 2);
  const tail = createTail(limitBytes - headLimit);
  let headBytes = 0;
  let headFull = headLimit === 0;
  let total = 0;

  function push(chunk: Uint8Array): void {
    total += chunk.length;
    if (headFull) return tail.push(chunk);
    const room = headLimit - headBytes;
    if (chunk.length <= room) {
      headBytes += chunk.length;
      return emit(chunk);
    }
    headFull = true;
    const cut = characterStart(chunk, room);
    headBytes += cut;
    if (cut > 0) emit(chunk.subarray(0, cut));
    tail.push(chunk.subarray(cut));
  }

  function finish() {
    let kept = tail.read();
    if (headBytes + kept.length < total) kept = kept.subarray(firstWholeCharacter(kept));
    const truncatedBytes = total - headBytes - kept.length;
    if (truncatedBytes > 0) {
      emit(Buffer.from(`\n[${truncatedBytes.toLocaleString("en")} bytes of output cut here]\n`));
    }
    if (kept.length > 0) emit(kept);
    return { outputBytes: total, truncatedBytes };
  }

  return { push, finish };
}

/** A ring of the latest bytes. Allocated when first needed: most programs never fill the first half. */
function createTail(capacity: number) {
  let ring = new Uint8Array(0);
  let written = 0;

  function push(chunk: Uint8Array): void {
    if (capacity === 0 || chunk.length === 0) return;
    if (ring.length === 0) ring = new Uint8Array(capacity);
    const last = chunk.subarray(Math.max(0, chunk.length - capacity));
    written += chunk.length - last.length;
    const at = written % capacity;
    const first = last.subarray(0, capacity - at);
    ring.set(first, at);
    ring.set(last.subarray(first.length), 0);
    written += last.length;
  }

  function read(): Uint8Array {
    if (written <= capacity) return ring.subarray(0, written);
    const at = written % capacity;
    return Buffer.concat([ring.subarray(at), ring.subarray(0, at)]);
  }

  return { push, read };
}

const UTF8_CONTINUATIONS_MAX = 3;

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

/** The last place at or before `at` where a UTF-8 character begins. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at;
  while (start > 0 && at - start < UTF8_CONTINUATIONS_MAX && isContinuation(bytes[start])) start--;
  return isContinuation(bytes[start]) ? at : start;
}

function firstWholeCharacter(bytes: Uint8Array): number {
  let start = 0;
  while (start < UTF8_CONTINUATIONS_MAX && isContinuation(bytes[start])) start++;
  return start;
}
