/** Started by publish.test.ts: begins a publication to argv[2], says so on standard output and never ends it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { publishArtifacts } from '../../src/artifacts/publish.ts';

const endless = {
  name: 'endless',
  summary: 'writes half a file and waits',
  entry: 'half.bin',
  mediaTypes: { bin: 'application/octet-stream' },
  form: 'none' as const,
  recognise: () => false,
  read: async () => new Map(),
  write: async (folder: string) => {
    await writeFile(path.join(folder, 'half.bin'), 'half');
    process.stdout.write('writing\n');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  },
};

await publishArtifacts(process.argv[2] as string, [endless], { weights: new Map(), report: {} });
