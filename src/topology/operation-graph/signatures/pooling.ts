/** Pooling. */
export const pooling = `
  max_pool1d(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)
  max_pool2d(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)
  max_pool3d(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)
  max_pool2d_with_indices(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)
  max_pool3d_with_indices(self, kernel_size, stride=[], padding=0, dilation=1, ceil_mode=False)
  avg_pool1d(self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True)
  avg_pool2d(self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
  avg_pool3d(self, kernel_size, stride=[], padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None)
  adaptive_avg_pool1d(self, output_size)
  adaptive_avg_pool2d(self, output_size)
  adaptive_avg_pool3d(self, output_size)
  _adaptive_avg_pool2d(self, output_size)
  _adaptive_avg_pool3d(self, output_size)
  adaptive_max_pool1d(self, output_size)
  adaptive_max_pool2d(self, output_size)
  adaptive_max_pool3d(self, output_size)
`;
