import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpAuthGuard, McpAuthModule } from '../../lib/index.js';
import { OrdersModule } from '../fixtures/auth/orders.js';
import { ADAPTERS } from '../support/adapters.js';
import {
  createIssuer,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { DpopKey, tokenHash } from '../support/dpop-key.js';

describe.each(ADAPTERS)('tokens bound elsewhere, on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp;
  let key: DpopKey;
  let token: string;

  beforeAll(async () => {
    issuer = await createIssuer();
    key = await DpopKey.create();
    token = await issuer.token({ cnf: { jkt: key.jkt } });
    @Module({
      imports: [
        McpAuthModule.forRoot({
          verifier: issuer.verifier,
          resource: RESOURCE,
        }),
        OrdersModule,
      ],
      // Beside the guard that the controller has: both see the same proof.
      providers: [{ provide: APP_GUARD, useClass: McpAuthGuard }],
    })
    class RestApp {}
    booted = await bootApp(RestApp, adapter);
  });
  afterAll(() => booted?.close());

  const get = (authorization: string, dpop?: string): Promise<Response> =>
    fetch(`${booted.url}/orders?page=1`, {
      headers: { authorization, ...(dpop !== undefined && { dpop }) },
    });
  const prove = (htu: string): Promise<string> =>
    key.prove({ htm: 'GET', htu, ath: tokenHash(token) });

  it.each([{ jkt: 'x' }, { 'x5t#S256': 'x' }, {}])(
    'are refused as bearer tokens, whatever they are bound to: %j (RFC 8705, section 3)',
    async (cnf) => {
      const { authorization } = await issuer.bearer({ cnf });
      const answer = await get(authorization);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toHaveProperty('error', 'invalid_token');
    },
  );

  it('are let in at a route with a proof for its URL at the public origin', async () => {
    const answer = await get(
      `DPoP ${token}`,
      await prove('https://api.example.com/orders'),
    );
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      subject: 'ada',
      tokenType: 'dpop',
    });
  });

  it.each([RESOURCE, 'https://api.example.com/orders/7', 'LOCAL'])(
    'are refused at a route with a proof for %s',
    async (htu) => {
      const local = `${booted.url}/orders`;
      const dpop = await prove(htu === 'LOCAL' ? local : htu);
      expect((await get(`DPoP ${token}`, dpop)).status).toBe(401);
    },
  );
});
