/** How many orders a page of "Search Orders" holds, for a number and for a sweep. */

/** Unless asked otherwise. */
export const SHORTEST_PAGE = 24
/** The most that is advised. */
export const PAGE = 50
