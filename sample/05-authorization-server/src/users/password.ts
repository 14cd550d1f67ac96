import {
  randomBytes,
  scrypt as scryptWithCallback,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';

const scrypt = promisify<string, Buffer, number, Buffer>(scryptWithCallback);
const LENGTH = 32;

/** A password as it is kept: nobody can read it back. */
export interface PasswordHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  return { salt, hash: await scrypt(password, salt, LENGTH) };
}

export async function isPassword(
  password: string,
  { salt, hash }: PasswordHash,
): Promise<boolean> {
  return timingSafeEqual(await scrypt(password, salt, LENGTH), hash);
}
