/**
 * The platforms' imitations. In the Worker's bundle they are a module of their own (src/bundle.ts),
 * which a sandbox alone loads; elsewhere there is nothing to do.
 */
export const loadImitations = async (): Promise<void> => {}
