/** The measured parts of an iteration. TensorFlow is not loaded. */
export const stepNames = ['forward', 'first_order', 'objective', 'constraint'] as const;
export type StepName = (typeof stepNames)[number];
