"""The registry's controllers."""

from litestar import Controller

from vigilancia.registry.contacts.routes import ContactController, OrganizationContactController
from vigilancia.registry.facilities.routes import FacilityController
from vigilancia.registry.organizations.routes import OrganizationController

controllers: list[type[Controller]] = [
    OrganizationController,
    OrganizationContactController,
    ContactController,
    FacilityController,
]
