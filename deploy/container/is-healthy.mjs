// The health check of an image, which has no curl: exit code 0 when the address answers with a success.
const [address] = process.argv.slice(2);
try {
  const response = await fetch(address, { signal: AbortSignal.timeout(3_000) });
  if (!response.ok) process.stderr.write(`${address} answered ${response.status}: ${await response.text()}\n`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${address} does not answer: ${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
