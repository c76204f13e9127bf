/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens fake files until there is no descriptor left. */
#include "case.h"

int main(void)
{
	int n = 0, fd, last = -1;

	while ((fd = open(FAKE, O_RDONLY)) >= 0) {
		CHECK(strcmp(text_of(fd), FAKE_VALUE) == 0);
		last = fd;
		CHECK(++n < 1000000);
	}
	CHECK(errno == EMFILE || errno == ENFILE || errno == ENOMEM);
	if (last >= 0) {
		close(last);
		CHECK(sees_fake());
	}
	return success();
}
