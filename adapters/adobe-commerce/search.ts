/** Searches of Adobe Commerce: criteria as its REST API takes them in a query. */

export interface Filter {
  readonly field: string
  readonly value: string
  readonly condition: 'eq' | 'gt' | 'gteq'
}

/**
 * All groups must hold, and of each group one filter. Fewer than ten of either: from ten on the
 * order in which Magento sorts a query to check its signature (natural) is not OAuth's (by bytes).
 */
export const criteria = (
  groups: readonly (readonly Filter[])[],
  pageSize: number,
  sortBy: readonly string[] = [],
): Record<string, string> => {
  const filters = groups.flatMap((group, g) =>
    group.flatMap(({ field, value, condition }, f) => {
      const name = `searchCriteria[filter_groups][${g}][filters][${f}]`
      return [
        [`${name}[field]`, field],
        [`${name}[value]`, value],
        [`${name}[condition_type]`, condition],
      ]
    }),
  )
  const sorts = sortBy.flatMap((field, s) => [
    [`searchCriteria[sortOrders][${s}][field]`, field],
    [`searchCriteria[sortOrders][${s}][direction]`, 'ASC'],
  ])
  return Object.fromEntries([
    ...filters,
    ...sorts,
    ['searchCriteria[pageSize]', String(pageSize)],
  ]) as Record<string, string>
}
