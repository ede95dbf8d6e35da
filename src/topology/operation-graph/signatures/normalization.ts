/** Normalisations. */
export const normalization = `
  batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled=True)
  native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)
  _native_batch_norm_legit(input, weight, bias, running_mean, running_var, training, momentum, eps)
  _native_batch_norm_legit.no_stats(input, weight, bias, training, momentum, eps)
  _native_batch_norm_legit_functional(input, weight, bias, running_mean, running_var, training, momentum, eps)
  _native_batch_norm_legit_no_training(input, weight, bias, running_mean, running_var, momentum, eps)
  layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5, cudnn_enable=True)
  native_layer_norm(input, normalized_shape, weight, bias, eps)
  group_norm(input, num_groups, weight=None, bias=None, eps=1e-5, cudnn_enabled=True)
  native_group_norm(input, weight, bias, N, C, HxW, group, eps)
  instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled=True)
  rms_norm(input, normalized_shape, weight=None, eps=None)
  _fused_rms_norm(input, normalized_shape, weight=None, eps=None)
  _weight_norm(v, g, dim=0)
  _weight_norm_interface(v, g, dim=0)
`;
