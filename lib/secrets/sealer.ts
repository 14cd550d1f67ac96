import { createHash, hkdfSync } from 'node:crypto';
import { loadJose } from '../platform/optional-packages.js';

/** Encrypts JSON for a storage, and for one place in it. */
export class Sealer {
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #newest: string;

  /**
   * @param secrets the first seals, any opens
   * @param purpose keeps keys made of the same secrets apart
   * @throws Error where there is no secret
   */
  constructor(secrets: readonly string[], purpose: string) {
    const keys = secrets.map((secret) => {
      const key = new Uint8Array(
        hkdfSync('sha256', secret, '', `nestjs-mcp ${purpose}`, 32),
      );
      const hash = createHash('sha256').update(key).digest('base64url');
      return [hash.slice(0, 12), key] as const;
    });
    if (!keys[0]) {
      throw new Error('The list of secrets is empty. Give one secret.');
    }
    this.#newest = keys[0][0];
    this.#keys = new Map(keys);
  }

  /** @param place where it will be kept; it opens nowhere else */
  async seal(place: string, value: unknown): Promise<string> {
    const { CompactEncrypt } = await loadJose();
    const plaintext = new TextEncoder().encode(
      JSON.stringify({ place, value }),
    );
    return new CompactEncrypt(plaintext)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: this.#newest })
      .encrypt(this.#keys.get(this.#newest)!);
  }

  /** @returns undefined for what was not sealed here, for this place, with one of the secrets */
  async open(place: string, sealed: unknown): Promise<unknown> {
    if (typeof sealed !== 'string') {
      return undefined;
    }
    const { compactDecrypt, errors } = await loadJose();
    try {
      const { plaintext } = await compactDecrypt(
        sealed,
        ({ kid }) => {
          const key = this.#keys.get(String(kid));
          if (!key) {
            throw new errors.JWEDecryptionFailed();
          }
          return key;
        },
        {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
        },
      );
      const content = JSON.parse(new TextDecoder().decode(plaintext)) as {
        readonly place: string;
        readonly value: unknown;
      };
      return content.place === place ? content.value : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) {
        return undefined;
      }
      throw error;
    }
  }
}
