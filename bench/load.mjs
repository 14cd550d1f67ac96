/**
 * The load generator, in a process of its own. Each message is one run; the
 * answer tells requests per second and latencies, or what went wrong.
 */
import autocannon from 'autocannon';

/** Milliseconds between looks at whether a run is over. */
const RESOLUTION = 20;

process.on('message', async (run) => {
  try {
    process.send({ measured: await load(run) });
  } catch (error) {
    process.send({ failed: error.message });
  }
});
process.on('disconnect', () => process.exit(0));

/** @param run where to send what, for `seconds` or an `amount` of requests */
async function load({ url, headers, body, connections, expected, ...length }) {
  const latencies = [];
  const started = performance.now();
  const running = autocannon({
    url,
    method: 'POST',
    headers,
    body,
    connections,
    // Every answer is compared byte for byte.
    expectBody: expected,
    sampleInt: RESOLUTION,
    ...(length.amount
      ? { amount: length.amount }
      : { duration: length.seconds }),
  });
  running.on('response', (client, status, bytes, milliseconds) =>
    latencies.push(milliseconds),
  );
  const { errors, non2xx, mismatches } = await running;
  const seconds = (performance.now() - started) / 1000;
  if (latencies.length === 0 && !errors) {
    throw new Error(`no answer within ${seconds.toFixed(1)} s`);
  }
  if (errors || non2xx || mismatches) {
    throw new Error(
      `${latencies.length} answers, ${errors} errors, ${non2xx} refusals, ` +
        `${mismatches} that differ from the first`,
    );
  }
  latencies.sort((a, b) => a - b);
  const quantile = (share) =>
    latencies[Math.floor(share * (latencies.length - 1))];
  return {
    requests: latencies.length,
    requestsPerSecond: latencies.length / seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
  };
}
