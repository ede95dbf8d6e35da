/** True for classes that normalise, by name: layers of Keras, and PyTorch modules in exported graphs ('LayerNorm', 'BatchNorm'). */
export const isNormalizationClass = (className: string): boolean => /Norm(alization)?$/.test(className);
