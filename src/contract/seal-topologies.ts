/** Topologies of a request as JSON text: nothing but the process that reads them needs them as values, and a text costs nothing to pass on. */

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sealModel(model: unknown): unknown {
  if (!isFields(model) || !isFields(model.topology)) return model;
  return { ...model, topology: JSON.stringify(model.topology) };
}

const sealRow = (row: unknown): unknown =>
  isFields(row) && 'model' in row ? { ...row, model: sealModel(row.model) } : row;

/** The same request with the topologies of `/model` and `/models/N/model` as texts. Whatever is of another form stays. */
export function sealTopologies(input: unknown): unknown {
  if (!isFields(input)) return input;
  const { models } = input;
  const sealed = sealRow(input) as Fields;
  return Array.isArray(models) ? { ...sealed, models: models.map(sealRow) } : sealed;
}

/** The same request without the texts of its topologies: what is left is small. */
export function withoutTopologies(input: unknown): unknown {
  const empty = (model: unknown) =>
    isFields(model) && typeof model.topology === 'string' ? { ...model, topology: '' } : model;
  const emptyRow = (row: unknown) => (isFields(row) && 'model' in row ? { ...row, model: empty(row.model) } : row);
  if (!isFields(input)) return input;
  const rest = emptyRow(input) as Fields;
  return Array.isArray(input.models) ? { ...rest, models: input.models.map(emptyRow) } : rest;
}
