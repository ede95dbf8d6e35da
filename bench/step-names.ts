/** What is timed of an iteration. Loads no TensorFlow. */
export const stepNames = ['forward', 'first_order', 'objective', 'constraint'] as const;
export type StepName = (typeof stepNames)[number];
