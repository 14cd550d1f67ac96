import { HandClient, type Issuing } from './authorization-server.js';
import { tryTool } from './auth-calls.js';
import { PageBrowser } from './page-browser.js';

/** What a token endpoint issues. */
export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

export const tokensOf = async (answer: Promise<Response>): Promise<Tokens> => {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
};
export const loggedIn = async (client: HandClient): Promise<Tokens> => {
  const code = await client.logIn(new PageBrowser());
  return tokensOf(client.token({ code }));
};
export const clientOf = (server: Issuing) =>
  new HandClient(server.issuer, server.endpoint);
/** The parameters of a refresh. */
export const renewed = ({ refresh_token }: Tokens) => ({ refresh_token });
export const callWith = async (server: Issuing, { access_token }: Tokens) =>
  (
    await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      { headers: { authorization: `Bearer ${access_token}` } },
    )
  ).status;
