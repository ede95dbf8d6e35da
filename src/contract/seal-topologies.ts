/**
 * Converts the topologies of a request to JSON text. Only the process that reads a topology needs its values, and a text is cheap to send between
 * processes.
 */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sealModel(model: unknown): unknown {
  if (!isFields(model) || !isFields(model.topology)) return model;
  return { ...model, topology: JSON.stringify(model.topology) };
}

const sealRow = (row: unknown): unknown =>
  isFields(row) && 'model' in row ? { ...row, model: sealModel(row.model) } : row;

/** The request with the topologies at `/model` and `/models/N/model` as texts. A model of any other form is unchanged. */
export function sealTopologies(input: unknown): unknown {
  if (!isFields(input)) return input;
  const { models } = input;
  const sealed = sealRow(input) as Fields;
  return Array.isArray(models) ? { ...sealed, models: models.map(sealRow) } : sealed;
}

/** The request without the texts of its topologies, which make up most of its size. */
export function withoutTopologies(input: unknown): unknown {
  const empty = (model: unknown) =>
    isFields(model) && typeof model.topology === 'string' ? { ...model, topology: '' } : model;
  const emptyRow = (row: unknown) => (isFields(row) && 'model' in row ? { ...row, model: empty(row.model) } : row);
  if (!isFields(input)) return input;
  const rest = emptyRow(input) as Fields;
  return Array.isArray(input.models) ? { ...rest, models: input.models.map(emptyRow) } : rest;
}
