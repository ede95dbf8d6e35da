/** The device classes that a job may ask for. Each is a queue of its own; the jobs of `any` go to whichever device is free first. */
export const deviceClasses = ['any', 'cpu', 'gpu'] as const;
export type DeviceClass = (typeof deviceClasses)[number];
