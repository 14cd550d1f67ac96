import { Module } from '@nestjs/common';
import { DemoUsers } from './demo-users.js';
import { PasswordLogin } from './password.login.js';
import { UsersService } from './users.service.js';

@Module({ providers: [UsersService, DemoUsers, PasswordLogin] })
export class UsersModule {}
