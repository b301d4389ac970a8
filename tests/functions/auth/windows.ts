import type { World } from '../../support/world.ts';

/** Moves the clock to where the next window of counting begins, so that none ends within a test. */
export function atTheStartOf(world: World, windowMs: number): void {
  world.advance(windowMs - (world.now().getTime() % windowMs));
}
