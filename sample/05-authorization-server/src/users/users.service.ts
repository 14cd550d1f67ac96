import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { hashPassword, isPassword, type PasswordHash } from './password.js';
import type { User } from './user.interface.js';

interface Account extends User {
  readonly password: PasswordHash;
}

/** Knows the people of this sample, in memory. */
@Injectable()
export class UsersService {
  private readonly accounts = new Map<string, Account>();
  private readonly nobody = hashPassword(randomUUID());

  async add(username: string, name: string, password: string): Promise<User> {
    const user = { id: randomUUID(), name };
    const account = { ...user, password: await hashPassword(password) };
    this.accounts.set(username, account);
    return user;
  }

  /** Takes as long for a name that nobody has, so that names cannot be guessed. */
  async check(username: string, password: string): Promise<User | null> {
    const account = this.accounts.get(username);
    const isRight = await isPassword(
      password,
      account?.password ?? (await this.nobody),
    );
    return account && isRight ? account : null;
  }
}
