"""Fills an empty Tryton with what a sale needs, and prints the ids: a company with accounts, a
customer, a product of which 100 are in stock, and a clerk who may sell.

Run with the server stopped, by the system's own Python, where Debian's packages live:
    DB_NAME=$DATABASE /usr/bin/python3 seed.py $CONFIGURATION $DATABASE $PASSWORD_OF_THE_CLERK
"""
import json
import sys
from decimal import Decimal

from proteus import Model, config

configuration, database, password = sys.argv[1:4]
config.set_trytond(f'sqlite:///{database}', config_file=configuration)

# They need the connection above.
from trytond.modules.account.tests.tools import (  # noqa: E402
    create_chart, create_fiscalyear, get_accounts)
from trytond.modules.account_invoice.tests.tools import (  # noqa: E402
    set_fiscalyear_invoice_sequences)
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402

create_company()
company = get_company()
fiscal_year = set_fiscalyear_invoice_sequences(create_fiscalyear(company))
fiscal_year.click('create_period')
create_chart(company)
accounts = get_accounts(company)

customer = Model.get('party.party')(name='Erika Beispiel')
customer.save()
category = Model.get('product.category')(
    name='Goods', accounting=True,
    account_expense=accounts['expense'], account_revenue=accounts['revenue'])
category.save()
unit, = Model.get('product.uom').find([('name', '=', 'Unit')])
template = Model.get('product.template')(
    name='Mug', default_uom=unit, type='goods', salable=True,
    list_price=Decimal('12.50'), account_category=category)
template.save()
product, = template.products
product.code = 'MUG-1'
product.cost_price = Decimal('4')
product.save()
term = Model.get('account.invoice.payment_term')(name='Direct')
term.lines.new(type='remainder')
term.save()

Location = Model.get('stock.location')
warehouse, = Location.find([('type', '=', 'warehouse')])
supplier, = Location.find([('code', '=', 'SUP')])
move = Model.get('stock.move')(
    product=product, uom=unit, quantity=100, company=company,
    from_location=supplier, to_location=warehouse.storage_location,
    unit_price=Decimal('4'), currency=company.currency)
move.save()
move.click('do')

sales, = Model.get('res.group').find([('name', '=', 'Sales')])
clerk = Model.get('res.user')(name='Clerk', login='clerk', password=password)
clerk.companies.append(Model.get('company.company')(company.id))
clerk.company = Model.get('company.company')(company.id)
clerk.groups.append(sales)
clerk.save()

address, = customer.addresses
print(json.dumps({
    'company': company.id,
    'currency': company.currency.id,
    'party': customer.id,
    'address': address.id,
    'warehouse': warehouse.id,
    'product': product.id,
    'unit': unit.id,
    'payment_term': term.id,
}))
