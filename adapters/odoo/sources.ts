/** Where Odoo's ways are written, named once: source files with their commit, and who measured. */

/** One file of the versions 17 and 18. */
export const SALE = 'addons/sale/models/sale_order.py, github.com/odoo/odoo@0009881b (17 and 18)'
export const SALE_STOCK = 'addons/sale_stock/models/sale_order.py (16 to 19), _action_cancel'
export const TRANSACTION = 'odoo/service/model.py, github.com/odoo/odoo@0049f1c5, retrying'
export const JSON2 = 'addons/rpc/controllers/json2.py, github.com/odoo/odoo@09df5d19 (19)'
export const HTTP = 'odoo/http, Json2Dispatcher.handle_error, and odoo/exceptions.py (19)'
/** Calls and answers of a real server as somebody else wrote them down; not measured by us. */
export const PROBE = 'a third party’s recorded probe of Odoo 19.0-20260926, Community, over JSON-2'
