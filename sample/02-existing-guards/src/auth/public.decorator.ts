import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const PUBLIC = 'public';

/** The application's global guards let everybody in here. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);
