/** Recurrent networks; dropout between layers is off. */
export const recurrent = `
  lstm(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
  gru(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
  rnn_tanh(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
  rnn_relu(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)
  lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
`;
