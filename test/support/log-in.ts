import type { Visit } from './oauth-browser.js';
import type { OAuthClient } from './oauth-clients.js';
import type { OAuthStore } from './oauth-store.js';
import { until } from './until.js';

/** A client, what it holds, and whom it acts for. */
export interface ActingClient {
  readonly client: OAuthClient;
  readonly store: OAuthStore;
  readonly person: { visit(url: URL): Promise<Visit> };
}

/** Has the person log in where the client was sent, and hands it the code. */
export async function logIn({
  client,
  store,
  person,
}: ActingClient): Promise<Visit> {
  const visit = await person.visit(store.authorizationUrl);
  await client.finish(store.accept(visit.callback));
  return visit;
}

/**
 * Connects a client that has no token yet.
 *
 * @param hasStream whether the stream of its session is there, which legacy
 *   clients open in the background
 */
export async function connectLoggedIn(
  acting: ActingClient,
  hasStream: () => boolean,
): Promise<void> {
  await expect(acting.client.connect()).rejects.toThrow('Unauthorized');
  await logIn(acting);
  await acting.client.connect();
  await until(hasStream);
}
