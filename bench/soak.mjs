/**
 * The soak: a million calls to one server, and its memory before and after.
 * Both eras take turns, so that neither hides behind the other.
 */
import { LoadGenerator } from './load-generator.mjs';
import { RunningServer } from './running-server.mjs';
import { rowNamed } from './rows.mjs';

const CALLS = 1_000_000;
const SLICES = 10;
/** Calls of each era before the first look, after which code and caches have settled. */
const SETTLE = 10_000;
const ERAS = ['modern', 'legacy'];

/** @param options `calls`, and the `adapter` of the server */
export async function soak({ calls = CALLS, adapter = 'express', node }) {
  const rows = ERAS.map((era) =>
    rowNamed(`${adapter}.ours.route+auth.${era}.call.1`),
  );
  const perSlice = Math.ceil(Number(calls) / SLICES / rows.length);
  const generator = new LoadGenerator();
  const server = await RunningServer.start(rows[0].server, node);
  const call = async (amount) => {
    for (const row of rows) {
      const expected = await generator.first(row, server);
      await generator.run(row, server, expected, { amount });
    }
  };
  try {
    await call(SETTLE);
    const before = await server.ask('memory');
    print('before', before);
    let after = before;
    for (let slice = 1; slice <= SLICES; slice++) {
      await call(perSlice);
      after = await server.ask('memory');
      print(`after ${slice * perSlice * rows.length} calls`, after);
    }
    print('growth', {
      rss: after.rss - before.rss,
      heapUsed: after.heapUsed - before.heapUsed,
    });
  } finally {
    server.stop();
    generator.stop();
  }
}

function print(title, { rss, heapUsed }) {
  const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(1).padStart(8);
  console.log(
    `${title.padEnd(24)} heap ${megabytes(heapUsed)} MB  rss ${megabytes(rss)} MB`,
  );
}
