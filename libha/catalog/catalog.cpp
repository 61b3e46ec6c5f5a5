#include "libha/catalog/catalog.hpp"
