/**
 * Runs `run` for every item, with so many runs in flight at once; the results are in the order of the items. After a failure none
 * is begun any more.
 */
export async function mapInFlight<Item, Result>(
  items: readonly Item[],
  limit: number,
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length)
  let next = 0
  const runs = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      try {
        results[index] = await run(items[index] as Item)
      } catch (error) {
        next = items.length
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, runs))
  return results
}
