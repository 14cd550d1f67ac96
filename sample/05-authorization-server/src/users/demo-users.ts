import { Injectable, type OnModuleInit } from '@nestjs/common';
import { UsersService } from './users.service.js';

/** Those who may log in: user name, name, password. */
export const DEMO_USERS = [
  ['ada', 'Ada Lovelace', 'engine'],
  ['grace', 'Grace Hopper', 'compiler'],
] as const;

/** Puts them there at start-up. */
@Injectable()
export class DemoUsers implements OnModuleInit {
  constructor(private readonly users: UsersService) {}

  async onModuleInit(): Promise<void> {
    for (const [username, name, password] of DEMO_USERS) {
      await this.users.add(username, name, password);
    }
  }
}
