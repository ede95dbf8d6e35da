/** Convolutions and their adjoints. */
export const convolution = `
  conv1d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
  conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
  conv3d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1)
  conv1d.padding(input, weight, bias=None, stride=1, padding='valid', dilation=1, groups=1)
  conv2d.padding(input, weight, bias=None, stride=1, padding='valid', dilation=1, groups=1)
  conv3d.padding(input, weight, bias=None, stride=1, padding='valid', dilation=1, groups=1)
  conv_transpose1d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
  conv_transpose2d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
  conv_transpose3d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)
  convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
  im2col(self, kernel_size, dilation, padding, stride)
  col2im(self, output_size, kernel_size, dilation, padding, stride)
`;
