import type { JSONWebKeySet, JWK } from 'jose';
import { isJsonObject } from '../../fetch/fetch-json.js';
import { loadJose } from './load-jose.js';

/** An algorithm to import a key by that names none: any of its type will do. */
const SAMPLE_ALGORITHM: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/**
 * The keys of a set that can check signatures. Entries that are no keys, are
 * secret, or cannot be read are left out, not fatal (RFC 7517 section 5).
 *
 * @throws Error where the document is no key set at all
 */
export async function usableKeys(document: unknown): Promise<JSONWebKeySet> {
  if (!isJsonObject(document) || !Array.isArray(document.keys)) {
    throw new Error('The key set has no list of keys');
  }
  const entries: readonly unknown[] = document.keys;
  const usable = await Promise.all(entries.map(isUsable));
  return { keys: entries.filter((_, index) => usable[index]) as JWK[] };
}

async function isUsable(entry: unknown): Promise<boolean> {
  if (!isJsonObject(entry)) {
    return false;
  }
  const { kty, crv } = entry;
  const algorithm = SAMPLE_ALGORITHM[String(kty === 'RSA' ? kty : crv)];
  if (algorithm === undefined) {
    return false;
  }
  try {
    const { importJWK } = await loadJose();
    const key = await importJWK(entry as JWK, algorithm);
    return 'type' in key && key.type === 'public';
  } catch {
    return false;
  }
}
