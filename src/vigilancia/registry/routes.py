"""The registry's controllers."""

from litestar import Controller

from vigilancia.registry.contacts.routes import ContactController, OrganizationContactController
from vigilancia.registry.facilities.routes import FacilityController
from vigilancia.registry.organizations.routes import OrganizationController
from vigilancia.registry.organizations.routes_safeguards import SafeguardController

controllers: list[type[Controller]] = [
    OrganizationController,
    SafeguardController,
    OrganizationContactController,
    ContactController,
    FacilityController,
]
