/** An ES256 key of this process, a token signed with it, and how to verify it. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';

const ISSUER = 'https://login.example.com';
const AUDIENCE = 'https://api.example.com/mcp';

export async function issueToken(scope) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  return {
    token: await new SignJWT({ scope, client_id: 'bench' })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject('ada')
      .setIssuedAt()
      .setExpirationTime('6h')
      .sign(privateKey),
    verifier: {
      publicKey: await exportSPKI(publicKey),
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: ['ES256'],
    },
  };
}
