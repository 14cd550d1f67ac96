import { SignJWT, importJWK } from 'jose';
import { signingKeys, type SigningKey } from './server-keys.js';
import { GRANT_CLAIM, OwnTokenVerifier } from './own-token.verifier.js';
import { MemoryOAuthStore } from './storage/memory.store.js';
import { ProviderAdapter } from './storage/provider.adapter.js';
import { generateKeyPairSync } from 'node:crypto';

const ISSUER = 'https://auth.example';
const RESOURCE = 'https://api.example/mcp';
const context = { audience: [RESOURCE] };

async function makeKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [key] = await signingKeys([privateKey.export({ format: 'jwk' })]);
  return key;
}

describe('OwnTokenVerifier', () => {
  let store: MemoryOAuthStore;
  let verifier: OwnTokenVerifier;
  let key: SigningKey;

  beforeEach(async () => {
    store = new MemoryOAuthStore();
    key = await makeKey();
    verifier = new OwnTokenVerifier(() => store);
    await verifier.use(ISSUER, [key]);
  });

  async function token({
    claims = {},
    typ = 'at+jwt',
    by = key,
    kid = by.kid,
  }: {
    claims?: Record<string, unknown>;
    typ?: string;
    by?: SigningKey;
    kid?: string | undefined;
  } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: ISSUER,
      aud: RESOURCE,
      sub: 'ada',
      client_id: 'client',
      jti: 'token-1',
      iat: now,
      exp: now + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ, kid })
      .sign(await importJWK(by as never, 'ES256'));
  }

  it('accepts a token that the server has signed', async () => {
    const verified = await verifier.verify(await token(), context);
    expect(verified).toMatchObject({ subject: 'ada', clientId: 'client' });
  });

  it('refuses other issuers, resources, kinds, times and keys', async () => {
    const other = await makeKey();
    for (const wrong of [
      await token({ claims: { iss: 'https://other.example' } }),
      await token({ claims: { aud: 'https://other.example/mcp' } }),
      await token({ claims: { exp: 1 } }),
      await token({ typ: 'JWT' }),
      await token({ by: other }),
      await token({ by: other, kid: key.kid }),
      await token({ kid: 'undefined' }),
      'no.jwt.atall',
      '',
      `${Buffer.from('null').toString('base64url')}.x.y`,
    ]) {
      await expect(verifier.verify(wrong, context)).rejects.toHaveProperty(
        'name',
        'InvalidTokenError',
      );
    }
  });

  it('refuses the tokens of a revoked grant, and of no other', async () => {
    await new ProviderAdapter('Grant', store).revokeByGrantId('grant-1');
    const of = (grant: string) => token({ claims: { [GRANT_CLAIM]: grant } });
    await expect(
      verifier.verify(await of('grant-1'), context),
    ).rejects.toThrow();
    await verifier.verify(await of('grant-2'), context);
  });

  it.each([
    ['whose grant', { [GRANT_CLAIM]: 'grant-1' }, 'grant-1'],
    ['that itself', {}, 'token-1'],
  ])('refuses a token %s was revoked a moment ago', async (_, claims, id) => {
    const known = await token({ claims });
    await verifier.verify(known, context);
    await new ProviderAdapter('Grant', store).revokeByGrantId(id);
    await expect(verifier.verify(known, context)).rejects.toHaveProperty(
      'reason',
      'claims',
    );
  });

  it('refuses a token whose key is no longer its own', async () => {
    const known = await token();
    await verifier.verify(known, context);
    await verifier.use(ISSUER, [await makeKey()]);
    await expect(verifier.verify(known, context)).rejects.toHaveProperty(
      'reason',
      'signature',
    );
  });

  it('refuses a token without grant that was revoked itself', async () => {
    await new ProviderAdapter('Grant', store).revokeByGrantId('token-1');
    await expect(verifier.verify(await token(), context)).rejects.toThrow();
    const other = await token({ claims: { jti: 'token-2' } });
    await verifier.verify(other, context);
  });

  it('says that it cannot tell while the storage is down', async () => {
    store.get = () => Promise.reject(new Error('down'));
    await expect(
      verifier.verify(await token(), context),
    ).rejects.toHaveProperty('name', 'VerifierUnavailableError');
  });
});
