/** Classes that normalise, by name: layers of Keras, and the modules of PyTorch that an exported graph has ('LayerNorm', 'BatchNorm'). */
export const isNormalizationClass = (className: string): boolean => /Norm(alization)?$/.test(className);
