/** Tensors made of numbers. Layout, device and memory format change nothing here. */
const made = 'dtype=None, layout=None, device=None, pin_memory=None, memory_format=None, requires_grad=False';
export const creation = `
  arange(end, ${made})
  arange.start(start, end, ${made})
  arange.start_step(start, end, step=1, ${made})
  linspace(start, end, steps, ${made})
  zeros(size, ${made})
  ones(size, ${made})
  full(size, fill_value, ${made})
  empty(size, ${made})
  empty_permuted(size, physical_layout, ${made})
  zeros_like(self, ${made})
  ones_like(self, ${made})
  empty_like(self, ${made})
  full_like(self, fill_value, ${made})
  new_zeros(self, size, ${made})
  new_ones(self, size, ${made})
  new_empty(self, size, ${made})
  new_full(self, size, fill_value, ${made})
  fill(self, value)
  scalar_tensor(s, ${made})
  eye(n, m=None, ${made})
`;
