#include "libha/wire/receiver.hpp"
