/** The route alone, without MCP: what the wrapping is measured against. */
import { applicationModule, FIRST_ROUTE } from './application.mjs';
import { listen } from './nest.mjs';

export async function start(server) {
  const url = await listen(applicationModule(server), server.adapter);
  return { url: url + FIRST_ROUTE };
}
