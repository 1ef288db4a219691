mod addresses;
mod conservation;
mod damage;
mod endpoints;
mod join_euis;
mod offers;
mod pages;
mod routes;
