/** Where a job may run; each class is a queue of its own. any: on whatever device is free first. */
export const deviceClasses = ['any', 'cpu', 'gpu'] as const;
export type DeviceClass = (typeof deviceClasses)[number];
