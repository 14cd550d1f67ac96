import { tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { onEveryStorage } from '../support/oauth-storages.js';
import { PageBrowser } from '../support/page-browser.js';

const AT_ONCE = 8;

describe('what is used once', () => {
  onEveryStorage((storage) => {
    let server: Issuing;
    let client: HandClient;

    beforeAll(async () => {
      server = await bootIssuing('express', {
        store: storage().stores[0],
        lifetimes: { refreshTokenReuse: 0 },
      });
    });
    beforeEach(async () => {
      client = new HandClient(server.issuer, server.endpoint);
      await client.register();
    });
    afterAll(() => server?.close());

    it('a code comes through once of many times at once, and the reuse ends its family (RFC 9700, section 4.5)', async () => {
      const code = await client.logIn(new PageBrowser());
      const answers = await atOnce(() => client.token({ code }));
      await expectOneDead(answers);
    });

    it('a refresh token whose answer is not repeated comes through once of many times at once, and the reuse ends its family (RFC 9700, section 4.14.2)', async () => {
      const code = await client.logIn(new PageBrowser());
      const { refresh_token } = (await (
        await client.token({ code })
      ).json()) as Tokens;
      const answers = await atOnce(() => client.token({ refresh_token }));
      await expectOneDead(answers);
    });

    /** Exactly one got tokens, and they are worth nothing any more. */
    async function expectOneDead(answers: readonly Answer[]): Promise<void> {
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      for (const { status, body } of answers) {
        if (status !== 200) {
          expect([status, body]).toEqual([
            400,
            expect.objectContaining({ error: 'invalid_grant' }),
          ]);
        }
      }
      const { access_token, refresh_token } = winners[0]!.body as Tokens;
      const call = await tryTool(
        server.endpoint,
        'modern',
        'notes_read',
        {},
        {
          headers: { authorization: `Bearer ${access_token}` },
        },
      );
      expect(call.status).toBe(401);
      expect((await client.token({ refresh_token })).status).toBe(400);
    }
  });
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function atOnce(send: () => Promise<Response>): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      const response = await send();
      return {
        status: response.status,
        body: (await response.json()) as unknown,
      };
    }),
  );
}
