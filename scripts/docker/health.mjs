/** node scripts/docker/health.mjs PORT_VARIABLE DEFAULT_PORT PATH: the HEALTHCHECK of the images. Exit code 0 when this container answers 200 at PATH. */
const [variable = 'PORT', fallback = '8080', path = '/health/live'] = process.argv.slice(2);
const port = process.env[variable] || fallback;

try {
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4000) });
  if (status !== 200) console.error(`${path} answered ${status}`);
  process.exitCode = status === 200 ? 0 : 1;
} catch (error) {
  console.error(`${path} did not answer: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
