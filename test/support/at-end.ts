/** What a test file has started is ended in the reverse order, so that nothing is closed after the server that it talks to. */
import { after } from 'node:test';

const steps: (() => unknown)[] = [];

/** Runs `step` when the tests of the file are over, before the steps that were given earlier. All run, also when one throws. */
export function atEnd(step: () => unknown): void {
  if (steps.length === 0) after(endAll);
  steps.push(step);
}

async function endAll(): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.splice(0).reverse())
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw new AggregateError(errors, 'what the tests had started could not be ended');
}
