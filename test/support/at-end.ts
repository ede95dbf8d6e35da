/** Ends what a test file has started in the reverse order, so that clients are closed before the server they use. */
import { after } from 'node:test';

const steps: (() => unknown)[] = [];

/** Runs `step` after the tests of the file and before the steps that were added earlier. All steps run, even if one throws. */
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
