/** The scripts, and how they are run. */
export { beginScript, checkpointScript, finishScript, releaseScript, reportScript, takeScript } from './attempts.ts';
export { closeComparisonScript, createComparisonScript, removeComparisonScript } from './comparisons.ts';
export {
  adoptScript,
  cancelScript,
  createScript,
  moveScript,
  pauseScript,
  positionScript,
  recallScript,
  removeScript,
  requeueScript,
  resumeScript,
} from './jobs.ts';
export { type Argument, createRunScript, type RunScript } from './script.ts';
export { addWebhookScript, recordDeliveryScript, redeliverScript } from './webhooks.ts';
